"""Alembic's environment: runs on the connection that portal.db.upgrade hands over."""

from alembic import context

from portal import models

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=models.Document.metadata, render_as_batch=False)
context.run_migrations()
