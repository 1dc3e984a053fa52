"""The DP213 route: inventory errors raised line by line, pre-checked, routed, tracked, and verified by the next extract."""
