"""The network as a model that follows the measurements."""
