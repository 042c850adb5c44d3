class BackupError(Exception):
    """A copy cannot be made, or is not one that can be restored; says why, in one sentence."""
