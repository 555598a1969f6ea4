"""Who a customer is: identifiers claimed and proven, linking, merging and undoing it."""
