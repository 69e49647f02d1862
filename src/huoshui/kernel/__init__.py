"""What every area needs and no area owns. No water words."""
