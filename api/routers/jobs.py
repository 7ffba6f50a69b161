"""Long jobs: how far they are, and ending them."""

from api.route import Route

_JOB = {"job_id": "job_01jd0000000000000000000000"}

ROUTES = (
    Route("GET", "/jobs/{job_id}", "jobs.job.get", "Get a job", example=_JOB),
    Route("POST", "/jobs/{job_id}/cancel", "jobs.job.cancel", "Cancel a job", example=_JOB),
)
