"""The receipt of a decision, and its attestation."""
