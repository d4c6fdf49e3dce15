namespace PromptPilot.Web.Features.Files;

/// <summary>The fields of a form whose files are still being uploaded: until they are, the form cannot be sent.</summary>
internal sealed class Uploads
{
    private readonly HashSet<string> _fields = new(StringComparer.Ordinal);

    public bool Any => _fields.Count > 0;

    public void Set(string field, bool isUploading)
    {
        if (isUploading)
        {
            _fields.Add(field);
        }
        else
        {
            _fields.Remove(field);
        }
    }
}
