"""Reads OpenMetrics files, given as arguments, with the parser of Prometheus's Python client."""
import sys

from prometheus_client.openmetrics.parser import text_string_to_metric_families

bad = 0
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as file:
        text = file.read()
    try:
        families = list(text_string_to_metric_families(text))
        samples = sum(len(family.samples) for family in families)
        if samples == 0:
            raise ValueError("no samples")
        print(f"valid   {name}: {len(families)} families, {samples} samples")
    except ValueError as error:
        bad += 1
        print(f"INVALID {name}: {error}")
sys.exit(1 if bad or len(sys.argv) < 2 else 0)
