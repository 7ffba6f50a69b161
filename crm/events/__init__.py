"""What follows from an event: the device, the page's parts, the buckets to count again."""
