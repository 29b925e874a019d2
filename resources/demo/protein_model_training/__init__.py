"""The demo's small protein model: ESM-2's architecture, fitted to the demo's own proteins."""
