"""What editors say of the help centre's categories, and whether only approved words may be said."""
