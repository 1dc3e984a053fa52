"""What all jobs in the background share: the queue, and the life of an attempt. What a job does is its own app's."""
