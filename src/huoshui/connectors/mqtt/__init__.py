"""The MQTT connector: readings published by loggers and gateways become rows of the historian."""
