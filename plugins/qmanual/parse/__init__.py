"""From text to values with spans: YAML, headers, running text, tables, form drawings. Pure; a mistake is a `Fault`."""
