"""A simulated HubSpot (CRM v3 contacts and notes), a process of its own: `python -m simulators.hubspot --port 9103`."""
