"""Execute reports, judge them, publish them and keep the catalogue."""
