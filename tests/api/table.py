"""Who may do what through the API, written down by hand: a new operation, report or column must be entered here.

Nothing in this file is taken from the product's declarations; `test_table` holds them against it, and runs it.
"""

from __future__ import annotations

from dataclasses import dataclass

#: Organisation of the test world → what it is to the portal.
WHO = {
    "M1": "MAP with both releases",
    "M2": "MAP without a release",
    "S1": "Supplier",
    "DCC": "DCC operator",
    "SECAS": "SECAS",
    "M0": "MAP that is no User",
    "S0": "Supplier that is no User",
    "OTHER": "of a kind without a role",
}
NOBODY = ("M0", "S0", "OTHER")

#: Report → who may run it. Everybody else of WHO is refused with 403, by every operation.
MAY_RUN = {
    "MAP_001": ("M1", "M2", "DCC"),
    **{f"RSMI_00{n}": ("M1", "M2", "S1", "DCC") for n in range(1, 8)},
    "BKF_001": ("S1", "DCC"),
    "BKF_002": ("S1", "DCC", "SECAS"),
}

#: (method, address): every operation that there is. CODE stands for a report's code, ID for a job's.
OPERATIONS = {
    ("GET", "/api/v1/"),
    ("GET", "/api/v1/openapi.json"),
    ("GET", "/api/v1/reports"),
    ("GET", "/api/v1/reports/CODE"),
    ("GET", "/api/v1/reports/CODE/rows"),
    ("GET", "/api/v1/reports/CODE/rows.csv"),
    ("GET", "/api/v1/reports/CODE/rows.csv.gz"),
    ("GET", "/api/v1/reports/CODE/rows.csv.zip"),
    ("GET", "/api/v1/reports/CODE/rows.json"),
    ("GET", "/api/v1/reports/CODE/rows.parquet"),
    ("GET", "/api/v1/reports/CODE/rows.xlsx"),
    ("POST", "/api/v1/reports/CODE/jobs"),
    ("GET", "/api/v1/changes"),
    ("GET", "/api/v1/rental-days"),
    ("GET", "/api/v1/rental-days.csv"),
    ("GET", "/api/v1/reconciliations"),
    ("POST", "/api/v1/reconciliations"),
    ("GET", "/api/v1/reconciliations/ID"),
    ("DELETE", "/api/v1/reconciliations/ID"),
    ("GET", "/api/v1/reconciliations/ID/workbook.xlsx"),
    ("GET", "/api/v1/jobs"),
    ("GET", "/api/v1/jobs/ID"),
    ("DELETE", "/api/v1/jobs/ID"),
    ("GET", "/api/v1/jobs/ID/file"),
}
#: Who may read a list that is no report, and the columns that need the supplier release.
MAY_READ = {
    "/api/v1/changes": ("M1", "M2", "S1", "DCC"),
    "/api/v1/rental-days": ("M1", "M2", "S1", "DCC"),
    "/api/v1/rental-days.csv": ("M1", "M2", "S1", "DCC"),
    "/api/v1/reconciliations": ("M1", "M2", "S1"),
}
EVENT = (
    "cursor extract_sequence told_on kind field device_id device_type effective_from effective_to before after mpxn "
    "map_id device_status firmware_version removal_reason"
)
EVENT_SUPPLIER = "supplier_before supplier_after"
#: Read Inventory, for those who see devices and whose token covers it: see test_inventory.
INVENTORY = {("GET", "/api/v1/inventory"), ("GET", "/api/v1/inventory.xml")}
#: The pre-flight, for those who send requests and whose token covers it: see test_preflight.
PREFLIGHT = {("POST", "/api/v1/preflight")}
#: For people who are signed in, with or without a role; a token does not open them.
PAGES = {"/api/", "/api/openapi.json"}


@dataclass(frozen=True)
class Fields:
    """A report's columns and inputs: for everyone who may run it, and those that need a release for a MAP."""

    columns: str
    supplier: str = ""
    premises: str = ""
    inputs: str = ""
    supplier_inputs: str = ""
    history: bool = False

    def shown_to(self, organisation: str) -> set[str]:
        """The columns that must exist."""
        return set(f"{self.columns} {self._released(organisation, self.supplier, self.premises)}".split())

    def hidden_from(self, organisation: str) -> set[str]:
        """The columns that must not."""
        return set(f"{self.supplier} {self.premises}".split()) - self.shown_to(organisation)

    def asked_by(self, organisation: str) -> set[str]:
        """The inputs that must exist: those of the report, and a list of devices where it has devices."""
        lists = "devices" if "device_id" in self.columns.split() else ""
        return set(f"{self.inputs} {lists} {self._released(organisation, self.supplier_inputs)}".split())

    def refused_to(self, organisation: str) -> set[str]:
        """The inputs that must not."""
        return set(self.supplier_inputs.split()) - self.asked_by(organisation)

    @staticmethod
    def _released(organisation: str, *released: str) -> str:
        return "" if organisation == "M2" else " ".join(released)


SUPPLIER = "supplier_id"
FIELDS = {
    "MAP_001": Fields(
        "device_id device_model manufacturer meter_serial_number device_type dcc_compliant dcc_approved "
        "device_status installation_date removal_date removal_reason firmware_version firmware_version_status "
        "mpxn csp_region map_id map_effective_from map_effective_to",
        supplier="supplier_id supplier_effective_from supplier_effective_to",
        premises="property_post_code uprn",
        inputs="map_id installation_date_from installation_date_to removal_date_from removal_date_to manufacturer "
        "device_status",
        supplier_inputs=SUPPLIER,
        history=True,
    ),
    "RSMI_001": Fields(
        "device_id device_type meter_serial_number mpxn device_status status_effective_from days_in_status "
        "pre_notified_on installation_date commissioned_date csp_region communications_hub_id map_id",
        supplier=SUPPLIER,
        inputs="device_status device_type installation_date_from installation_date_to csp_region map_id",
        supplier_inputs=SUPPLIER,
        history=True,
    ),
    "RSMI_002": Fields(
        "device_id device_type manufacturer device_model firmware_version firmware_effective_from "
        "firmware_version_status device_status status_effective_from mpxn map_id",
        supplier=SUPPLIER,
        inputs="device_type device_status manufacturer firmware_version firmware_version_status "
        "installation_date_from installation_date_to map_id",
        supplier_inputs=SUPPLIER,
    ),
    "RSMI_003": Fields(
        "device_id device_type manufacturer device_model smets_chts_version esme_variant cpl_status device_status "
        "status_effective_from installation_date mpxn map_id",
        supplier=SUPPLIER,
        inputs="device_type device_status manufacturer device_model cpl_status installation_date_from "
        "installation_date_to map_id",
        supplier_inputs=SUPPLIER,
    ),
    "RSMI_004": Fields(
        "device_id device_model manufacturer device_status csp_region installation_date days_without_devices "
        "last_attached_device_id last_attached_on map_id",
        supplier=SUPPLIER,
        inputs="device_status csp_region days_without_devices_min map_id",
        supplier_inputs=SUPPLIER,
    ),
    "RSMI_005": Fields(
        "schedule_id device_id device_type mpxn service_reference_variant service_request_name frequency start_date "
        "end_date next_run_on device_status map_id",
        supplier="owner",
        inputs="service_reference_variant frequency device_status start_date_from start_date_to map_id",
        supplier_inputs=SUPPLIER,
    ),
    "RSMI_006": Fields(
        "device_id device_type esme_variant device_status kind mpxn mpxn_effective_from mpxn_effective_to map_id "
        "finding",
        supplier="supplier_id supplier_effective_from",
        inputs="kind device_type device_status finding map_id",
        supplier_inputs=SUPPLIER,
        history=True,
    ),
    "RSMI_007": Fields(
        "device_id device_type device_status key_usage certificate_serial certificate_status issued_on expires_on "
        "revoked_on days_to_expiry mpxn map_id",
        inputs="key_usage certificate_status expires_on_from expires_on_to device_type map_id",
        supplier_inputs=SUPPLIER,
    ),
    "BKF_001": Fields(
        "organisation device_id device_type device_status mpxn pre_notified_on registered_supplier "
        "last_refusal_code last_sent_on"
    ),
    "BKF_002": Fields(
        "organisation month declared declared_on declared_late daily_allowance window_from window_to in_scope "
        "populated outstanding lost sent accepted refused top_refusal_code busiest_day_sent days_over_allowance "
        "percent_complete projected_finish panel_date on_track"
    ),
}
