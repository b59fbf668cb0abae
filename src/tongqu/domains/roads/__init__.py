"""The road network: routes with stakes, what stands along them, and the limits that hold on them. See README.md."""
