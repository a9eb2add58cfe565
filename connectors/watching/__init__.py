"""Parcels whose carriers we ask ourselves, or have watched for us, until they come to rest."""
