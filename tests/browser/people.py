"""The demo's people by role, and the reports that each may run (reports.md's lists of roles, written out)."""

MAP = "map@northmoor.example"
OTHER_MAP = "map@severnside.example"
SUPPLIER = "supplier@brightwater.example"
SECAS = "secas@example.test"
DCC = "dcc@example.test"

RSMI = {f"RSMI_00{number}" for number in range(1, 8)}
ALL = RSMI | {"MAP_001", "BKF_001", "BKF_002"}
MAY_RUN = {
    MAP: RSMI | {"MAP_001"},
    SUPPLIER: ALL - {"MAP_001"},
    SECAS: {"BKF_002"},
    DCC: ALL,
}
