"""The database: the embedded PostgreSQL server, where to find a database, and its roles.

`embedded` starts, stops and reports on the project's own server. `locate` says how Django connects,
to that server or to the one that DATABASE_URL names. `roles` creates the roles. `router` keeps
migrations on the owner's connection. Nothing here knows what the tables mean.
"""
