"""`orewire backtest`: what the rules as they are now would change in what was sent."""
