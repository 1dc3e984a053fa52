"""Counts over millions of rows read little: what is in force stands together, and certificates end on a known day."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0006_lookup_and_quality")]
    operations = [
        migrations.AddIndex(
            "assetperiod",
            BrinIndex(
                fields=["to_day", "supplier_org_id", "map_org_id"], name="asset_in_force", pages_per_range=64
            ),
        ),
        migrations.AddIndex("certificate", models.Index(fields=["expires_on"], name="certificate_expires")),
        migrations.AddIndex(
            "certificate",
            models.Index(
                fields=["revoked_on"],
                name="certificate_revoked",
                condition=models.Q(revoked_on__isnull=False),
            ),
        ),
    ]
