"""Schedule commitments, keep or waive them."""
