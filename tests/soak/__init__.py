"""Long runs of the whole product, with ledgers that the clients and the app keep themselves."""
