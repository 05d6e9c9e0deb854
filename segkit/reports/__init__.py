"""Put the facts of a report together: measures, comparison and withholding, in that order."""
