"""The reports as their specification lists them: for whom, which rows, key, columns, inputs, and whether with history."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from . import assets, associations, backfill, hubs, quality, read_inventory, schedules
from .sight import Ask

Cells = dict[str, object]
PARTIES = ("MAP", "SUPPLIER", "DCC")


@dataclass(frozen=True)
class Report:
    """A report as its specification lists it. Inputs name cells, which need not be columns."""

    roles: tuple[str, ...]
    rows: Callable[[Ask], Iterator[Cells]]
    key: tuple[str, ...]
    columns: tuple[str, ...]
    choices: tuple[str, ...] = ()
    ranges: tuple[str, ...] = ()
    minima: tuple[str, ...] = ()
    has_history: bool = False


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


REPORTS: dict[str, Report] = {
    "MAP_001": Report(
        roles=("MAP", "DCC"),
        rows=assets.map_001,
        key=("device_id",),
        columns=_names(
            "device_id device_model manufacturer meter_serial_number device_type dcc_compliant dcc_approved"
            " device_status installation_date removal_date removal_reason firmware_version"
            " firmware_version_status mpxn csp_region property_post_code uprn map_id map_effective_from"
            " map_effective_to supplier_id supplier_effective_from supplier_effective_to"
        ),
        choices=_names("map_id manufacturer device_status supplier_id"),
        ranges=_names("installation_date removal_date"),
        has_history=True,
    ),
    "RSMI_001": Report(
        roles=PARTIES,
        rows=assets.rsmi_001,
        key=("device_id",),
        columns=_names(
            "device_id device_type meter_serial_number mpxn device_status status_effective_from"
            " days_in_status pre_notified_on installation_date commissioned_date csp_region"
            " communications_hub_id map_id supplier_id"
        ),
        choices=_names("device_status device_type csp_region supplier_id map_id"),
        ranges=("installation_date",),
        has_history=True,
    ),
    "RSMI_002": Report(
        roles=PARTIES,
        rows=assets.rsmi_002,
        key=("device_id",),
        columns=_names(
            "device_id device_type manufacturer device_model firmware_version firmware_effective_from"
            " firmware_version_status device_status status_effective_from mpxn map_id supplier_id"
        ),
        choices=_names(
            "device_type device_status manufacturer firmware_version firmware_version_status"
            " supplier_id map_id"
        ),
        ranges=("installation_date",),
    ),
    "RSMI_003": Report(
        roles=PARTIES,
        rows=assets.rsmi_003,
        key=("device_id",),
        columns=_names(
            "device_id device_type manufacturer device_model smets_chts_version esme_variant cpl_status"
            " device_status status_effective_from installation_date mpxn map_id supplier_id"
        ),
        choices=_names("device_type device_status manufacturer device_model cpl_status supplier_id map_id"),
        ranges=("installation_date",),
    ),
    "RSMI_004": Report(
        roles=PARTIES,
        rows=hubs.rsmi_004,
        key=("device_id",),
        columns=_names(
            "device_id device_model manufacturer device_status csp_region installation_date"
            " days_without_devices last_attached_device_id last_attached_on map_id supplier_id"
        ),
        choices=_names("device_status csp_region supplier_id map_id"),
        minima=("days_without_devices",),
    ),
    "RSMI_005": Report(
        roles=PARTIES,
        rows=schedules.rsmi_005,
        key=("schedule_id",),
        columns=_names(
            "schedule_id device_id device_type mpxn service_reference_variant service_request_name frequency"
            " start_date end_date next_run_on owner device_status map_id"
        ),
        choices=_names("service_reference_variant frequency device_status supplier_id map_id"),
        ranges=("start_date",),
    ),
    "RSMI_006": Report(
        roles=PARTIES,
        rows=associations.rsmi_006,
        key=("device_id", "kind", "mpxn"),
        columns=_names(
            "device_id device_type esme_variant device_status kind mpxn mpxn_effective_from"
            " mpxn_effective_to supplier_id supplier_effective_from map_id finding"
        ),
        choices=_names("kind device_type device_status finding supplier_id map_id"),
        has_history=True,
    ),
    "RSMI_007": Report(
        roles=PARTIES,
        rows=assets.rsmi_007,
        key=("device_id", "certificate_serial"),
        columns=_names(
            "device_id device_type device_status key_usage certificate_serial certificate_status issued_on"
            " expires_on revoked_on days_to_expiry mpxn map_id"
        ),
        choices=_names("key_usage certificate_status device_type supplier_id map_id"),
        ranges=("expires_on",),
    ),
    "SRV_8_2": Report(
        roles=PARTIES,
        rows=read_inventory.srv_8_2,
        key=("device_id",),
        columns=_names(
            "device_id device_type device_status manufacturer device_model smets_chts_version firmware_version"
            " firmware_version_status cpl_status commissioned_date mpxn secondary_import_mpan export_mpan"
            " esme_variant uprn property_post_code address_identifier csp_region map_id meter_serial_number"
            " communications_hub_id installation_date pre_notified_on status_effective_from map_effective_from"
            " supplier_id supplier_effective_from"
        ),
        choices=_names("device_type device_status"),
        has_history=True,
    ),
    "DQ_001": Report(
        roles=PARTIES,
        rows=quality.dq_001,
        key=("device_id", "finding", "value"),
        columns=_names("device_id device_type device_status finding finding_title value mpxn map_id"),
        choices=_names("finding device_type device_status map_id"),
    ),
    "BKF_001": Report(
        roles=("SUPPLIER", "DCC"),
        rows=backfill.bkf_001,
        key=("device_id",),
        columns=_names(
            "organisation device_id device_type device_status mpxn pre_notified_on registered_supplier"
            " last_refusal_code last_sent_on"
        ),
    ),
    "BKF_002": Report(
        roles=("SUPPLIER", "SECAS", "DCC"),
        rows=backfill.bkf_002,
        key=("organisation", "month"),
        columns=_names(
            "organisation month declared declared_on declared_late daily_allowance window_from window_to"
            " in_scope populated outstanding lost sent accepted refused top_refusal_code busiest_day_sent"
            " days_over_allowance percent_complete projected_finish panel_date on_track"
        ),
    ),
}
