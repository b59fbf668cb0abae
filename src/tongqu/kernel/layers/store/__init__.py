"""All SQL of layers: the record store, and the DuckDB projection that tiles are made from."""
