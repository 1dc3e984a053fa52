"""Files of service requests into `Request`s, or into verdicts that say why they are none. Nothing here is trusted."""
