"""Room on each page for the second version of a certificate's row, which a load writes with its viewers.

The row is updated where it stands, without a visit to the index.
"""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inventory", "0004_change_feed")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE inventory_certificate SET (fillfactor = 55); ALTER TABLE inventory_schedule SET (fillfactor = 55)",
            "ALTER TABLE inventory_certificate RESET (fillfactor); ALTER TABLE inventory_schedule RESET (fillfactor)",
        )
    ]
