"""Is the machinery well? Health, metrics, installed assets."""
