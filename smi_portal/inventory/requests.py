"""Service requests that the inventory schedules, by their DUIS names (data, not code: others may come)."""

SCHEDULABLE_REQUESTS = {
    "4.2": "Read Instantaneous Export Registers",
    "4.6.1": "Retrieve Import Daily Read Log",
    "4.6.2": "Retrieve Export Daily Read Log",
    "4.8.1": "Read Active Import Profile Data",
    "4.8.2": "Read Reactive Import Profile Data",
    "4.8.3": "Read Export Profile Data",
    "4.10": "Read Network Data",
    "4.12.1": "Read Maximum Demand Import Registers",
    "4.12.2": "Read Maximum Demand Export Registers",
    "4.14": "Read Prepayment Daily Read Log",
    "4.15": "Read Load Limit Data",
    "4.16": "Read Active Power Import",
    "4.17": "Retrieve Daily Consumption Log",
    "14.1": "Record Network Data (GAS)",
}
