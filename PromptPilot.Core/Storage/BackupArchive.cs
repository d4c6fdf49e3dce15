using System.Formats.Tar;
using System.Text.RegularExpressions;
using Org.BouncyCastle.Bcpg;
using Org.BouncyCastle.Bcpg.OpenPgp;
using Org.BouncyCastle.Security;
using PromptPilot.Core.Shared.Network;

namespace PromptPilot.Core.Storage;

/// <summary>
/// The file of a backup: a tar of database and key ring, compressed and encrypted by a passphrase as OpenPGP (RFC 4880: AES-256 with
/// integrity protection), so that <c>gpg --decrypt FILE | tar -x</c> opens it without us.
/// </summary>
internal static partial class BackupArchive
{
    public const string DatabaseEntry = "promptpilot.db";
    public const string KeysFolder = "keys/";
    private const int BufferSize = 1 << 16;

    /// <summary>A file that unpacks to more than this many times its size was made to fill the disk.</summary>
    private const int MostRatio = 500;

    /// <summary>Unpacked bytes that a file of any size may have.</summary>
    private const long FreeUnpacked = 4L << 30;

    /// <summary>Bytes of one key; they have about one thousand.</summary>
    private const long MaxKey = 1 << 20;

    /// <summary>A key is made every three months.</summary>
    private const int MaxKeys = 1_000;

    /// <summary>Writes the files under their names.</summary>
    public static void Write(Stream output, string passphrase, IEnumerable<(string Entry, string File)> files)
    {
        var encryption = new PgpEncryptedDataGenerator(SymmetricKeyAlgorithmTag.Aes256, withIntegrityPacket: true, new SecureRandom());
        encryption.AddMethodUtf8(passphrase.ToCharArray(), HashAlgorithmTag.Sha256);
        using var encrypted = encryption.Open(output, new byte[BufferSize]);
        var compression = new PgpCompressedDataGenerator(CompressionAlgorithmTag.Zip);
        using var compressed = compression.Open(encrypted, new byte[BufferSize]);
        var literals = new PgpLiteralDataGenerator();
        using var literal = literals.Open(compressed, PgpLiteralData.Binary, "promptpilot.tar", DateTime.UtcNow, new byte[BufferSize]);
        using var tar = new TarWriter(literal, TarEntryFormat.Pax, leaveOpen: true);
        foreach (var (entry, file) in files)
        {
            tar.WriteEntry(file, entry);
        }
    }

    /// <summary>
    /// Unpacks into a folder. Nothing there may be used before this has returned: only then is it known that nobody changed the file.
    /// </summary>
    /// <exception cref="InvalidDataException">The file is no backup, was changed, or the passphrase is another.</exception>
    /// <param name="freeUnpacked">Bytes that are always allowed in it.</param>
    public static void Read(Stream input, string passphrase, string folder, long freeUnpacked = FreeUnpacked)
    {
        try
        {
            if (
                new PgpObjectFactory(PgpUtilities.GetDecoderStream(input)).NextPgpObject() is not PgpEncryptedDataList list
                || list.GetEncryptedDataObjects().OfType<PgpPbeEncryptedData>().FirstOrDefault() is not { } encrypted
            )
            {
                throw new InvalidDataException("This file is not a PromptPilot backup.");
            }

            if (!encrypted.IsIntegrityProtected())
            {
                throw new InvalidDataException("This file has no integrity protection, which every PromptPilot backup has.");
            }

            using var clear = encrypted.GetDataStreamUtf8(passphrase.ToCharArray());
            if (
                new PgpObjectFactory(clear).NextPgpObject() is not PgpCompressedData compressed
                || new PgpObjectFactory(compressed.GetDataStream()).NextPgpObject() is not PgpLiteralData literal
            )
            {
                throw new InvalidDataException("This file is not a PromptPilot backup.");
            }

            var most = freeUnpacked + (MostRatio * input.Length);
            using var content = new BoundedStream(literal.GetInputStream(), new ReadBounds(most));
            Unpack(content, folder);
            content.CopyTo(Stream.Null);
            clear.CopyTo(Stream.Null);
            if (!encrypted.Verify())
            {
                throw new InvalidDataException("This backup was damaged or changed after it was created.");
            }
        }
        catch (TooLongException exception)
        {
            throw new InvalidDataException($"This file contains {exception.What}, which is too much for a backup of its size.", exception);
        }
        catch (Exception exception)
            when (exception is PgpException or IOException or FormatException or ArgumentException or InvalidOperationException
                && exception is not InvalidDataException
            )
        {
            throw new InvalidDataException("The passphrase is wrong, or the file is damaged.", exception);
        }
    }

    /// <summary>Only what a backup has, and nowhere but in the folder.</summary>
    private static void Unpack(Stream content, string folder)
    {
        var keys = 0;
        using var tar = new TarReader(content, leaveOpen: true);
        while (tar.GetNextEntry() is { } entry)
        {
            var isKey = entry.Name != DatabaseEntry;
            if (isKey && (++keys > MaxKeys || entry.Length > MaxKey))
            {
                throw new InvalidDataException("This file contains more keys, or larger ones, than a backup can.");
            }

            if (
                entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                || !(entry.Name == DatabaseEntry || KeyFile().IsMatch(entry.Name))
            )
            {
                throw new InvalidDataException("This file contains something that is not part of a backup.");
            }

            var target = Path.Combine(folder, entry.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            using var file = new FileStream(target, FileMode.CreateNew, FileAccess.Write);
            entry.DataStream?.CopyTo(file);
        }
    }

    [GeneratedRegex(@"^keys/[A-Za-z0-9][A-Za-z0-9.\-]*\.xml$")]
    private static partial Regex KeyFile();
}
