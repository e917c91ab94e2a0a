"""Engine, ward-aware session, row security, migrations, blobs: the only room where raw SQL is written."""
