"""Poll devices that speak Modbus TCP."""
