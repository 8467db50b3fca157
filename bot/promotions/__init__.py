"""Campaigns with a window and terms, shown by /promos where the gate lets them, and the
festivals that marketing should not miss."""
