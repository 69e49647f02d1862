"""The workshops: one folder per part of the business."""
