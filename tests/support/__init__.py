"""What several folders of tests share: packages loaded by the real loader, and questions put by the real road."""
