"""`orewire demo`: the main job on one machine, with invented news, checked from the feed to the webhook."""
