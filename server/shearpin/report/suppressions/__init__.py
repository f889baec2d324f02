"""The pack of the two findings about comments; its only module carries their page."""
