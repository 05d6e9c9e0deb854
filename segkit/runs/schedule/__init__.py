"""Say which report is due for which period, and let any trigger find out."""
