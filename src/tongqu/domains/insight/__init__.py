"""The one map (一张图): what moves where, by region and category, and the way from each figure to its rows."""
