"""Lists and single objects without a screen: read, chosen, printed and watched."""
