"""Files of requests without a screen: built, checked, estimated, sent as campaigns, and waited for."""
