"""Bringing in tables that belong to the network: customers' connections and facts about valves."""
