"""Check digits in SQL, for set-wise findings; `inventory.identifiers` says the same in Python and is the test's peer."""

from django.db import migrations

#: MPAN: 13 digits; the first twelve times the primes, sum mod 11 mod 10 (domain notes).
FORWARD = """
CREATE OR REPLACE FUNCTION smi_is_mpan(mpan text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT coalesce(CASE WHEN length(mpan) = 13 AND translate(mpan, '0123456789', '') = '' THEN
        (3 * substr(mpan, 1, 1)::int + 5 * substr(mpan, 2, 1)::int + 7 * substr(mpan, 3, 1)::int
         + 13 * substr(mpan, 4, 1)::int + 17 * substr(mpan, 5, 1)::int + 19 * substr(mpan, 6, 1)::int
         + 23 * substr(mpan, 7, 1)::int + 29 * substr(mpan, 8, 1)::int + 31 * substr(mpan, 9, 1)::int
         + 37 * substr(mpan, 10, 1)::int + 41 * substr(mpan, 11, 1)::int + 43 * substr(mpan, 12, 1)::int
        ) % 11 % 10 = substr(mpan, 13, 1)::int END, false)
$body$;
CREATE OR REPLACE FUNCTION smi_is_mprn(mprn text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $body$
    SELECT coalesce(CASE WHEN length(mprn) BETWEEN 3 AND 10 AND translate(mprn, '0123456789', '') = '' THEN
        (8 * substr(lpad(mprn, 10, '0'), 1, 1)::int + 7 * substr(lpad(mprn, 10, '0'), 2, 1)::int
         + 6 * substr(lpad(mprn, 10, '0'), 3, 1)::int + 5 * substr(lpad(mprn, 10, '0'), 4, 1)::int
         + 4 * substr(lpad(mprn, 10, '0'), 5, 1)::int + 3 * substr(lpad(mprn, 10, '0'), 6, 1)::int
         + 2 * substr(lpad(mprn, 10, '0'), 7, 1)::int + substr(lpad(mprn, 10, '0'), 8, 1)::int
        ) % 11 = right(mprn, 2)::int END, false)
$body$;
"""

BACKWARD = "DROP FUNCTION smi_is_mpan(text); DROP FUNCTION smi_is_mprn(text);"


class Migration(migrations.Migration):
    dependencies = [("inventory", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
