"""Programs that understand, trained and asked in processes of their own: Baton and its peers, for `benchmarks.nlu_vs_peers`."""
