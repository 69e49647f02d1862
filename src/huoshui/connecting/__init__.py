"""What connectors are made of: message forms, columns, health, the way into the store."""
