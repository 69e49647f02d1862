"""The network: pipes, valves, nodes and zones, where they are and what they are made of."""
